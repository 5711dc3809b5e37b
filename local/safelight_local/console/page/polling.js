// Looks for changes again and again, and less often while the console does not answer.

const LOCAL_PAUSE = 1000;
const ACCOUNT_PAUSE = 5000;
const LONGEST_PAUSE = 30000;

let wake = () => {};

// Ends the present pause.
export const lookNow = () => wake();

const pause = (milliseconds) =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
  });

const untilSeen = () =>
  new Promise((resolve) => {
    if (!document.hidden) resolve();
    else document.addEventListener("visibilitychange", resolve, { once: true });
  });

// `account`: the AWS account, or null on this machine, where looking costs nothing.
export async function keepLooking({ look, trouble, account }) {
  const usual = account === null ? LOCAL_PAUSE : ACCOUNT_PAUSE;
  let wait = usual;
  for (;;) {
    await untilSeen();
    try {
      await look();
      wait = usual;
    } catch (error) {
      trouble(error.status ? error.message : "The console does not answer: is safelight console still running? Trying again.");
      wait = Math.min(LONGEST_PAUSE, wait * 2);
    }
    await pause(wait);
  }
}
