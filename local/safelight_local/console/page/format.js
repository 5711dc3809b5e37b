// Formats numbers, times and sizes.

export function seconds(value) {
  if (value === null || value === undefined) return "";
  if (value < 1) return `${Math.round(value * 1000)} ms`;
  if (value < 100) return `${value.toFixed(value < 10 ? 2 : 1)} s`;
  return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
}

export function bytes(value) {
  if (value === null || value === undefined) return "";
  if (value < 1000) return `${value} bytes`;
  return value < 1e6 ? `${(value / 1e3).toFixed(1)} kB` : `${(value / 1e6).toFixed(1)} MB`;
}

// A message of the server as a sentence.
export const sentence = (words) => `${words.charAt(0).toUpperCase()}${words.slice(1)}${/[.?!]$/.test(words) ? "" : "."}`;

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
const day = new Intl.DateTimeFormat(undefined, { year: "numeric", month: "short", day: "numeric" });

export function moment(stamp) {
  const date = new Date(stamp * 1000);
  const today = date.toDateString() === new Date().toDateString();
  return today ? time.format(date) : `${day.format(date)}, ${time.format(date)}`;
}

const OUTCOMES = {
  PUBLISHED: "Published",
  REDACTED: "Redacted",
  REJECTED: "Rejected",
  FAILED: "Failed",
  WITHDRAWN: "Withdrawn",
  DUPLICATE: "Duplicate",
  "NOT RECORDED": "Not recorded",
  RUNNING: "Running",
  WAITING: "Waiting",
};

export const outcomeInWords = (outcome) => OUTCOMES[outcome] ?? outcome;

export const outcomeClass = (outcome) => `outcome o-${String(outcome).toLowerCase().replace(/[^a-z]+/g, "-")}`;

export function json(text) {
  if (text === null || text === undefined) return "";
  try {
    return JSON.stringify(typeof text === "string" ? JSON.parse(text) : text, null, 2);
  } catch {
    return String(text);
  }
}

// Invisible characters and text direction controls become escapes, except line breaks.
export const visible = (text) =>
  text.replace(/(?![\n\t])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, (found) => {
    const code = found.codePointAt(0);
    if (code < 0x100) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code < 0x10000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
  });
