// npm @cedx/akismet: it takes the address of the server as an option.
import { Author, Blog, CheckResult, Client, Comment } from "@cedx/akismet";

const [origin, key] = process.argv.slice(2);
const blog = new Blog({ url: "https://news.example", charset: "UTF-8", languages: ["en"] });
const client = new Client(key, blog, { baseUrl: origin });
const stranger = new Client("wrong", blog, { baseUrl: origin });
const comment = (content, more) =>
  new Comment({ author: new Author({ ipAddress: "192.0.2.8", name: "bob", ...more }), content, date: new Date(0) });
const spam = comment("Buy cheap watches now, 50% discount: http://watches.example/shop");
const ham = comment("When does the bridge open again?");
const failure = (promise) => promise.then(() => null, (error) => error.message);

console.log(
  JSON.stringify({
    verified: await client.verifyKey(),
    stranger: await stranger.verifyKey(),
    ham: (await client.checkComment(ham)) == CheckResult.ham,
    spam: (await client.checkComment(spam)) == CheckResult.spam,
    administrator: (await client.checkComment(comment("Buy cheap watches now", { role: "administrator" }))) == CheckResult.ham,
    wrong: await failure(stranger.checkComment(ham)),
    submitted: [await failure(client.submitSpam(spam)), await failure(client.submitHam(ham))],
  }),
);
