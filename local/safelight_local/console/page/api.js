// Calls the console's server. A failed call throws an error with a message for the user.

async function answerOf(response) {
  if (response.ok) return response.json();
  let words = await response.text();
  try {
    words = JSON.parse(words).error ?? words;
  } catch {
    // Plain words of the server's.
  }
  throw Object.assign(new Error(words || `The console answered ${response.status}.`), { status: response.status });
}

const address = (path, query) => `${path}?${new URLSearchParams(query)}`;

export const get = async (path, query = {}) => answerOf(await fetch(address(path, query)));

export const post = async (path, query = {}, body = null) =>
  answerOf(await fetch(address(path, query), { method: "POST", body }));

export const pictureAddress = (arn, name) => address("/picture", { arn, name });
