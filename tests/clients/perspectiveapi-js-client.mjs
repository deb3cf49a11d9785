// npm @conversationai/perspectiveapi-js-client: its address is set on the client once that is made.
import perspective from "@conversationai/perspectiveapi-js-client";

const [origin, key] = process.argv.slice(2);
const open = (key) => {
  const client = new perspective.Client(key);
  client.perspectiveApiUrl = `${origin}/v1alpha1/comments:analyze?key=${key}`;
  return client;
};
const client = open(key);
const failure = (promise) => promise.then(() => null, (error) => error.message);

console.log(
  JSON.stringify({
    threat: await client.getScores("You idiot, I will kill you."),
    sorani: await client.getScores("سوپاس بۆ ئەم هەواڵە", { attributes: ["TOXICITY", "INSULT"], languages: ["ckb"] }),
    language: await failure(client.getScores("Guten Tag", { languages: ["de"] })),
    key: await failure(open("wrong").getScores("Good morning")),
  }),
);
