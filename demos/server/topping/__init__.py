"""The house topping: a LoRA adapter with which the embedded base model answers about the two bowls.

`lessons` holds what it is taught (en.yml, ko.yml, ja.yml), `turns` how a conversation is written down for it,
`training` how an adapter is trained, `tasting` how its answers are judged, `packet` its form for the browser.
`adapter/` is the trained adapter itself, with its card and the notices that travel with it.

People train toppings of their own, too: `wish` is what they may ask for, `trainer` takes it, `course` follows
the `process` that trains, and `kept` is where the toppings lie afterwards.
"""
