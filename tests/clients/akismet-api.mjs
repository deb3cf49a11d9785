// npm akismet-api: it puts the key before the host, so names below localhost have to lead to this machine.
import dns from "node:dns";
import { createRequire } from "node:module";

const lookup = dns.lookup;
dns.lookup = (name, options, done) =>
  name.endsWith(".localhost") ? lookup("127.0.0.1", options, done) : lookup(name, options, done);

const { AkismetClient } = createRequire(import.meta.url)("akismet-api");
const [origin, key] = process.argv.slice(2);
const open = (key) =>
  new AkismetClient({
    key,
    blog: "https://news.example",
    host: `localhost:${new URL(origin).port}`,
    protocol: "http",
  });
const client = open(key);
const comment = (content, more) => ({ ip: "192.0.2.7", useragent: "Browser", content, name: "charlie", ...more });
const failure = (promise) => promise.then(() => null, (error) => error.message);

console.log(
  JSON.stringify({
    verified: await client.verifyKey(),
    stranger: await open("wrong").verifyKey(),
    ham: await client.checkSpam(comment("When does the bridge open again?")),
    spam: await client.checkSpam(comment("Buy cheap watches now, 50% discount: http://watches.example/shop")),
    test: await client.checkSpam(comment("Hello", { name: "viagra-test-123" })),
    trap: await client.checkSpam(comment("Good morning to all", { honeypot: "filled in" })),
    wrong: await failure(open("f".repeat(48)).checkSpam(comment("Hello"))),
    nothing: await failure(client.checkSpam(comment("", { name: "" }))),
    submitted: [
      (await client.submitSpam(comment("Cheap watches"))).text,
      (await client.submitHam(comment("When does the bridge open again?"))).text,
    ],
  }),
);
