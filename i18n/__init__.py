"""One text, three languages: catalogs, the gate, staged pages and the built site.

Knows nothing of comics, demos or models: what a page shows beyond text is handed in as renderers.
"""
