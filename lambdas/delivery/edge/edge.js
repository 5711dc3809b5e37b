// The viewer-request function of a delivery, for CloudFront's runtime cloudfront-js-2.0: ES 5.1 with const, let, arrow
// functions, template literals, async and await. Its limits are 10 KB (the construct strips comments, line ends and spaces) and
// 1 ms. No comment follows code in its line. safelight_contracts.delivery says the same in Python, and what it means.
import cf from 'cloudfront';
const crypto = require('crypto');
// The construct puts {scope, bucket, signing, typedPresets, generation} here.
const SETTINGS = {};

const CONTROL = /[\x00-\x1f\x7f]/;
const RESERVED = {
  'expires=': /^\d{1,12}$/,
  'kid=': /^[\w-]{1,32}$/,
  'signature=': /^[\w-]{43}$/,
  'v=': /^[\w.-]{1,64}$/,
};
// A thumbor path can begin with its signature, or with unsafe instead of one.
const FIRST = /^(unsafe|[\w-]{43})$/;
const BUCKET = /^s3:[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
// What may stand before the key of a thumbor path, in this order. Filters follow.
const STAGES = [
  /^trim(:(top-left|bottom-right))?(:\d+)?$/,
  /^\d+x\d+:\d+x\d+$/,
  /^(adaptive-)?(full-)?fit-in$/,
  /^(-?(\d+|orig)x(-?(\d+|orig))?|-?x-?(\d+|orig))$/,
  /^(left|center|right)$/,
  /^(top|middle|bottom)$/,
  /^smart$/,
];
const MESSAGES = {
  BAD_ENCODING: 'Encode the URL as UTF-8',
  BAD_PATH: 'Send /KEY, no empty part, . or ..',
  BAD_DOCUMENT: 'Send base64 of a JSON object',
  BAD_PARAMETER: 'Change the value',
  REPEATED_PARAMETER: 'Send it once',
  CONTRADICTION: 'Send one signature',
  BAD_SIGNATURE: 'Sign the URL with a live key',
  EXPIRED: 'Sign the URL again',
  METHOD_NOT_ALLOWED: 'Send GET or HEAD',
  URL_TOO_LONG: 'Send a shorter URL',
  INTERNAL: 'Try again',
};
const STATUSES = { BAD_SIGNATURE: 403, EXPIRED: 403, METHOD_NOT_ALLOWED: 405, URL_TOO_LONG: 414, INTERNAL: 500 };
// The same for every site: the policy says which may read the image itself, and nobody looks at a request's headers.
const PREFLIGHT = {
  statusCode: 204,
  headers: {
    'access-control-allow-origin': { value: '*' },
    'access-control-allow-headers': { value: '*' },
    'access-control-max-age': { value: '86400' },
  },
};
const CACHING = { 400: 'max-age=60', 405: 'max-age=10', 414: 'max-age=10' };

async function handler(event) {
  const request = event.request;
  if (request.method === 'OPTIONS') return PREFLIGHT;
  try {
    if (!/^(GET|HEAD)$/.test(request.method)) refuse('METHOD_NOT_ALLOWED');
    const url = splitUrl(request.uri, pairsOf(request.querystring));
    let secret = '';
    if (url.signature && url.kid && SETTINGS.signing !== 'off') {
      try {
        secret = await cf.kvs().get(url.kid);
      } catch (unknownKey) {}
    }
    checkSignature(url, secret);
    // S3 would answer 412 or 416 with its own body, which CloudFront passes on.
    ['if-match', 'if-unmodified-since', 'range'].forEach((name) => delete request.headers[name]);
    const accepted = acceptedType(request.headers.accept ? request.headers.accept.value : '');
    request.uri = `/${resultKey(url, accepted)}`;
    request.querystring = {};
    request.headers['x-safelight-url'] = { value: url.address };
    request.headers['x-safelight-accepts'] = { value: accepted };
    return request;
  } catch (fault) {
    return refusal(fault, event.context.requestId);
  }
}

function refuse(error, parameter) {
  throw { refusal: error, parameter: parameter };
}

function refusal(fault, requestId) {
  const error = MESSAGES[fault.refusal] ? fault.refusal : 'INTERNAL';
  const status = STATUSES[error] || 400;
  const headers = {
    'content-type': { value: 'application/json' },
    'cache-control': { value: CACHING[status] || 'no-store' },
  };
  if (status === 405) headers.allow = { value: 'GET, HEAD, OPTIONS' };
  const data = { error: error, message: MESSAGES[error], parameter: fault.parameter, requestId: requestId };
  return { statusCode: status, headers: headers, body: { encoding: 'text', data: JSON.stringify(data) } };
}

function decoded(raw) {
  if (!/^[!-~]*$/.test(raw) || /%(?![0-9A-Fa-f]{2})/.test(raw)) refuse('BAD_ENCODING');
  let text = '\0';
  try {
    text = decodeURIComponent(raw);
  } catch (notUtf8) {}
  if (CONTROL.test(text)) refuse('BAD_ENCODING');
  return text;
}

function encoded(text) {
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

// Canonical pairs name=value, sorted. Names and values of the query string are as the viewer sent them.
function pairsOf(querystring) {
  const given = [];
  Object.keys(querystring).forEach((name) => {
    if (!name) refuse('BAD_ENCODING');
    const one = querystring[name];
    (one.multiValue || [one]).forEach((item) => given.push([name, item.value]));
  });
  if (given.length > 32) refuse('URL_TOO_LONG');
  const pairs = given.map((pair) => pair.map((part) => encoded(decoded(part))).join('=')).sort();
  pairs.reduce((before, pair) => {
    const name = pair.split('=')[0];
    if (name === before) refuse('REPEATED_PARAMETER', decoded(name));
    return name;
  }, '');
  return pairs;
}

function splitUrl(path, pairs) {
  const url = { operations: [] };
  url.parameters = pairs.filter((pair) => {
    const parts = pair.split('=');
    const pattern = RESERVED[`${parts[0]}=`];
    if (pattern && !pattern.test(parts[1])) refuse('BAD_PARAMETER', parts[0]);
    if (pattern) url[parts[0]] = parts[1];
    return !pattern;
  });
  const query = pairs.filter((pair) => !pair.startsWith('signature=')).join('&');
  const raw = path.slice(1).split('/');
  if (raw.length > 600) refuse('URL_TOO_LONG');
  const rest = raw.map(decoded);
  url.form = formOf(rest);
  let first = '';
  if (url.form === 'thumbor' && FIRST.test(rest[0])) {
    if (url.signature) refuse('CONTRADICTION', 'signature');
    first = rest.shift();
    url.signature = first === 'unsafe' ? '' : first;
  }
  const tail = `/${rest.map(encoded).join('/')}?${query}`;
  url.signed = first ? `/unsafe${tail}` : tail;
  url.address = first ? `/${first}${tail}` : tail;
  if (url.signature && !first) url.address += `${query && '&'}signature=${url.signature}`;
  setSource(url, rest);
  // It is a header of the request to S3, whose headers have at most 8,192 bytes. Escapes can make it longer here.
  if (url.address.length > 6500) refuse('URL_TOO_LONG');
  return url;
}

function formOf(segments) {
  const path = segments.join('/');
  const isBase64 = /^e(y[JA]|w[o0k])[\w+\/-]{12,}={0,2}$/.test(path);
  // One signature in 52,000 begins like a document.
  if (isBase64 && (!/^[\w-]{43}\//.test(path) || documentOf(path))) return 'json';
  if (segments.some((segment) => /^\.{0,2}$/.test(segment))) refuse('BAD_PATH');
  const begins = [FIRST, /^filters:/].concat(STAGES.slice(1, 4));
  return segments[1] && begins.some((stage) => stage.test(segments[0])) ? 'thumbor' : 'query';
}

// Move the operations at the beginning of a path to a list.
function takeOperations(rest, operations) {
  STAGES.forEach((stage) => {
    if (rest.length > 1 && stage.test(rest[0])) operations.push(rest.shift());
  });
  if (rest.length > 1 && rest[0].startsWith('filters:')) {
    // An argument of a filter can be a key.
    const last = rest.slice(0, -1).findIndex((segment) => segment.endsWith(')'));
    if (last < 0) refuse('BAD_PATH', 'filters');
    operations.push(rest.splice(0, last + 1).join('/'));
  }
}

// Set the bucket, the key and what is asked for.
function setSource(url, rest) {
  if (url.form === 'json') {
    url.document = documentOf(rest.join('/')) || refuse('BAD_DOCUMENT');
    url.bucket = url.document.bucket;
    url.key = url.document.key;
    delete url.document.bucket;
    delete url.document.key;
  } else {
    if (url.form === 'thumbor') takeOperations(rest, url.operations);
    if (BUCKET.test(rest[0])) url.bucket = rest.shift().slice(3);
    url.key = rest.join('/');
  }
  const bucket = url.bucket;
  const isBucket = typeof bucket === 'string' && BUCKET.test(`s3:${bucket}`);
  if (bucket != null && !isBucket) refuse('BAD_PARAMETER', 'bucket');
  const key = url.key;
  const isKey = typeof key === 'string' && key && Buffer.from(key).length <= 1024 && !CONTROL.test(key);
  if (!isKey || /(^|\/)\.{1,2}(\/|$)/.test(key)) refuse('BAD_PATH', 'key');
}

function documentOf(text) {
  if (text.length > 4096) refuse('URL_TOO_LONG');
  const base64 = text.replace(/-/g, '+').replace(/_/g, '/').replace(/=+$/, '');
  try {
    const json = Buffer.from(base64, 'base64').toString();
    const document = JSON.parse(json);
    canonical(document, 0);
    // What is not UTF-8, and bits that are not used, do not come back.
    if (isObject(document) && Buffer.from(json).toString('base64').replace(/=+$/, '') === base64) return document;
  } catch (damaged) {}
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

// One text for each JSON value: names sorted, no white space, numbers without an exponent.
function canonical(value, depth) {
  if (depth > 8) throw depth;
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1))}]`;
  if (isObject(value)) {
    const members = Object.keys(value).sort().map((name) => {
      if (!/^[\w-]{1,64}$/.test(name) || CONTROL.test(name)) throw name;
      return `"${name}":${canonical(value[name], depth + 1)}`;
    });
    return `{${members}}`;
  }
  if (typeof value === 'number' && value && !(Math.abs(value) >= 1e-4 && Math.abs(value) < 1e9)) throw value;
  // It throws for half of a surrogate pair. CloudFront's engine reads U+FFFD instead, and the origin refuses.
  encodeURIComponent(value);
  return JSON.stringify(value);
}

function checkSignature(url, secret) {
  if (!url.signature && SETTINGS.signing !== 'required' && !url.kid && !url.expires) return;
  if (!url.signature || !secret) refuse('BAD_SIGNATURE', 'signature');
  const message = `safelight-1\n${SETTINGS.scope}\n${url.signed}`;
  const right = crypto.createHmac('sha256', secret).update(message).digest('base64url');
  // In constant time.
  let difference = 0;
  for (let i = 0; i < 43; i++) difference |= right.charCodeAt(i) ^ url.signature.charCodeAt(i);
  if (difference) refuse('BAD_SIGNATURE', 'signature');
  if (url.expires && Number(url.expires) <= Date.now() / 1000) refuse('EXPIRED', 'expires');
}

function acceptedType(accept) {
  const weights = {};
  accept.toLowerCase().split(',').forEach((item) => {
    const parts = item.split(';').map((part) => part.trim());
    const q = parts.slice(1).find((part) => part.startsWith('q=')) || 'q=1';
    const weight = /^q=(0(\.\d{0,3})?|1(\.0{0,3})?)$/.test(q) ? Number(q.slice(2)) : 0;
    weights[parts[0]] = Math.max(weight, weights[parts[0]] || 0);
  });
  const avif = weights['image/avif'] || 0;
  const webp = weights['image/webp'] || 0;
  const plain = Math.max(weights['image/jpeg'] || 0, weights['image/png'] || 0);
  if (avif && avif >= webp && avif >= plain) return 'avif';
  return webp && webp >= plain ? 'webp' : 'plain';
}

function resultKey(url, accepted) {
  const access = url.signature ? (url.expires ? 'expiring' : 'signed') : 'open';
  const asked = url.document ? canonical(url.document, 0) : url.operations.map(encoded).join('/');
  const operations = `${url.form}\n${asked}?${url.parameters.join('&')}`;
  const source = digest(`${url.bucket || SETTINGS.bucket}\n${url.key}`);
  const version = url.v ? `v.${url.v}` : 'live';
  const choice = namesType(url) ? 'fixed' : accepted;
  return `r1/${source}/${version}/${digest([SETTINGS.generation, access, choice, operations].join('\n'))}`;
}

// Whether the URL names the type of the result, so that what the viewer accepts does not matter.
function namesType(url) {
  if (url.document) {
    const edits = url.document.edits;
    if (url.document.outputFormat !== undefined) return true;
    return isObject(edits) && Object.keys(edits).some((name) => /^(toFormat|jpeg|png|webp|gif|avif|tiff)$/.test(name));
  }
  if (url.form === 'thumbor') {
    const last = url.operations.slice(-1).join('');
    return last.startsWith('filters:') && /(format|autojpg)\(/.test(last);
  }
  return url.parameters.some((pair) => pair.startsWith('preset=')
    ? SETTINGS.typedPresets.includes(pair.slice(7))
    : pair.startsWith('format=') && pair !== 'format=auto');
}

function digest(text) {
  return crypto.createHash('sha256').update(text).digest('hex').slice(0, 32);
}
