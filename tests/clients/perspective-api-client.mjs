// npm perspective-api-client: its address is constant, so its own axios is told to go elsewhere.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const Perspective = require("perspective-api-client");
const axios = createRequire(require.resolve("perspective-api-client"))("axios");

const [origin, key] = process.argv.slice(2);
axios.interceptors.request.use((config) => ({
  ...config,
  url: config.url.replace("https://commentanalyzer.googleapis.com", origin),
}));
const client = new Perspective({ apiKey: key });
const failure = (promise) =>
  promise.then(() => null, (error) => ({ message: error.message, ...error.response.data.error }));

console.log(
  JSON.stringify({
    threat: await client.analyze("You idiot, I will kill you."),
    attributes: await client.analyze("Buy gold at http://gold.example now", { attributes: ["spam", "threat"] }),
    unknown: await failure(client.analyze("Good morning", { attributes: ["unsubstantial"] })),
    german: await failure(client.analyze("Das ist ein schöner Tag und wir gehen heute alle zusammen spazieren.")),
    nothing: await failure(client.analyze("?!?!", {})),
    empty: await failure(client.analyze({ comment: { text: " " } }, { validate: false })),
    long: await failure(client.analyze("word ".repeat(5_000), { validate: false })),
    key: await failure(new Perspective({ apiKey: "wrong" }).analyze("Good morning")),
  }),
);
