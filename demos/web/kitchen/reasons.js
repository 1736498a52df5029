/**
 * The server's reasons and steps in the reader's words. Reasons go by their stable `code`, steps by their English
 * text; what is not listed here is shown as it came. Tests hold both lists against the server. Shows nothing.
 */

import { t } from "../page/words.js";

/**
 * @param {string} reason the server's own sentence
 * @param {string} quoted what it quotes of others
 * @returns {Record<string, string>} by code
 */
const REASONS = (reason, quoted) => ({
  adapter_not_found: t("There is no such topping for this model."),
  answer_broken: t("The model stopped with an error, which is in the server's log. Ask again."),
  api_failed: t("The Gemini API failed. Ask again later."),
  bad_example_count: t("That is no number of examples for a topping. It says: %(reason)s", { reason }),
  bad_example_length: t("One of the examples is empty or too long. It says: %(reason)s", { reason }),
  bad_reply: t("What came back was no answer of the Gemini API; a proxy in between may be the reason. Ask again."),
  bad_request: t("The Gemini API refuses this request. It says: %(reason)s", { reason: quoted }),
  bad_steps: t("That is no length for a training. It says: %(reason)s", { reason }),
  bad_topping_name: t("That is no name for a topping: take a few words of letters and digits."),
  billing_needed: t("This model is not on the free tier. Choose another one, or turn on billing for the API key."),
  budget_spent: t(
    "What this answer may cost does not fit into what the server may still spend. Allow a shorter answer, or start the server again with a larger budget.",
  ),
  cache_unwritable: t(
    "The model could not be kept on the server's machine. Make room there, or let TWO_BOWLS_CACHE name another folder.",
  ),
  client_failed: t("The server's way to the Gemini API could not be opened. Check HTTPS_PROXY there and start the server again."),
  closed: t("The kitchen is closing and takes no more orders."),
  closing: t("The kitchen is closing, so the answer ends here."),
  content_filter: t("Gemini's filter stopped this before there was an answer. Word the question in another way."),
  context_length_exceeded: t("The conversation is too long for this kitchen. Shorten it or start a new one."),
  conversation_refused: t("The model takes no such conversation. The server says: %(reason)s", { reason }),
  credit_spent: t("The prepaid credit behind the API key is used up. Add some in AI Studio."),
  disk_full: t("The disk of the kitchen is full, so nothing was kept. Make room there and try again."),
  foreign_host: t("This server does not answer to the name in your address bar. Use the one it printed at its start."),
  foreign_origin: t("The server takes orders from its own pages only."),
  foreign_request: t("The server takes orders from its own pages only."),
  four_bit_missing: t("Weights in four bits need the package bitsandbytes on the server's machine."),
  image_not_inline: t("Pictures must be sent along as PNG, JPEG or WebP; the server fetches nothing from elsewhere."),
  image_too_large: t("The picture is too large for this kitchen. Make it smaller."),
  images_not_supported: t("This model does not take pictures."),
  internal_error: t("Something in the kitchen broke. What it was is in the server's log."),
  invalid_image: t("The picture is damaged, or is no PNG, JPEG or WebP."),
  invalid_token: t("This server needs its access token. It stands in the terminal where the server was started."),
  invalid_value: t("The server did not understand the order. It says: %(reason)s", { reason }),
  key_rejected: t("Google does not accept the API key. Make a new one in AI Studio and start the server again."),
  logprobs_not_supported: t("This model does not tell the odds of its tokens."),
  method_not_allowed: t("This server does not know such a request."),
  model_failed: t("The model could not be loaded. The server says: %(reason)s", { reason }),
  model_not_found: t("This model is not on the menu any more. Load the page again."),
  model_not_ready: t("The model is not ready. Wait until it has been loaded."),
  model_shut_down: t("The Gemini API does not offer this model any more. Choose another one."),
  model_unreadable: t("The model's files cannot be read. The server says: %(reason)s", { reason }),
  no_permission: t("The API key may not use this model. Choose another one, or change what the key may do."),
  no_price: t("There is no price for this model today, so the server does not ask it."),
  no_room: t("The model needs more room on the disk. The server says: %(reason)s", { reason }),
  not_enough_memory: t("There is not enough free memory for that. Close other programs and try again."),
  not_found: t("This server does not know such a request."),
  not_secured: t(
    "The connection to the Gemini API could not be secured. Where a proxy opens it, install the proxy's certificate on the server's machine.",
  ),
  not_supported: t("This model cannot do that."),
  out_of_memory: t("The model does not fit into the memory that is free. Close programs, or take a smaller one."),
  overloaded: t("The model is overloaded right now. Ask again in a minute, or choose another one."),
  package_damaged: t("The package with the model is damaged. Install it again: make clean, then make serve."),
  proxy_failed: t("The proxy of the server's machine did not connect. Check HTTPS_PROXY there."),
  queue_full: t("The kitchen is full. Try again in a moment."),
  quota_exceeded: t("The API key has used up its requests to this model. Choose another one, or come back later."),
  rate_limited: t("The API key has sent more to this model than its limit allows."),
  region_not_supported: t("The Gemini API is not offered where the server is, or not without billing."),
  request_timeout: t("The order took too long to arrive. Send it again."),
  request_too_large: t("The order is too big. Shorten it."),
  stream_cut: t("The connection broke in the middle of the answer. Ask again."),
  text_not_supported: t("This model takes conversations only."),
  thinking_not_supported: t("This model does not think before it answers."),
  timed_out: t("The model took too long to answer. Ask again, or ask for less."),
  too_many_images: t("Those are more pictures than this kitchen takes at once."),
  too_many_requests: t("Those were too many orders in a minute. Try again in a moment."),
  too_many_toppings: t("The fridge is full. Delete a topping first."),
  topping_exists: t("There is a topping of that name already. Take another name, or delete the old one."),
  topping_of_the_house: t("The house topping stays."),
  toppings_not_supported: t("This kitchen takes no toppings: its model cooks elsewhere, or in a way that leaves no room for them."),
  training_busy: t("Another topping is being trained. Wait until it is done, or cancel it."),
  training_failed: t("The training stopped with an error that is in the server's log. Nothing was kept."),
  training_killed: t("The training was ended from outside, most likely for want of memory. Nothing was kept."),
  training_not_found: t("This topping is not being trained any more."),
  unreachable: t("The Gemini API could not be reached. Is the server's machine online?"),
  upstream_broken: t("The server that cooks broke the answer off. Ask again."),
  upstream_busy: t("The server that cooks is busy."),
  upstream_failed: t("The server that cooks failed. It says: %(reason)s", { reason: quoted }),
  upstream_refused: t("The server that cooks refuses the request. It says: %(reason)s", { reason: quoted }),
  upstream_timeout: t("The server that cooks fell silent, so the answer ends here."),
  upstream_unauthorized: t("The server that cooks does not let us in: its key is missing or wrong."),
  upstream_unreachable: t("The server that cooks cannot be reached. Start it, or check its address."),
  upstream_unreadable: t("What the server that cooks sends is no answer that can be read."),
});

/** @returns {Record<string, string>} */
const STEPS = () => ({
  "Checking the model": t("Checking the model"),
  "Comparing with generate": t("Comparing with the plain way"),
  "Comparing with transformers, once": t("Comparing with transformers, once"),
  "Measuring the weights, once": t("Measuring the weights, once"),
  "Joining the parts of the model": t("Joining the parts of the model"),
  "Reading the tokenizer": t("Reading the tokenizer"),
  "Reading the configuration": t("Reading the configuration"),
  "Reading the weights": t("Reading the weights"),
  "Unpacking the weights": t("Unpacking the weights"),
  "Writing the converted model": t("Writing the converted model"),
  Starting: t("Starting"),
  "Starting PyTorch": t("Starting PyTorch"),
  "Starting the client of the Gemini API": t("Starting the client of the Gemini API"),
  "Rounding the weights to int8": t("Rounding the weights to int8"),
  Tasting: t("Tasting"),
  "Waiting for another kitchen that makes the model ready": t("Waiting for another kitchen that makes the model ready"),
});

/**
 * Why something was refused, failed or broke off.
 * @param {string | null | undefined} code the server's, stable
 * @param {string} sentence the server's own, in English
 */
export function reasonInWords(code, sentence) {
  const quoted = sentence.slice(sentence.indexOf(": ") + 1).trim();
  return (code && REASONS(sentence, quoted)[code]) || sentence;
}

/**
 * What the server is doing while a model loads.
 * @param {string} step
 */
export function stepInWords(step) {
  return STEPS()[step] ?? step;
}
