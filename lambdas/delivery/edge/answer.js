// The viewer-response function of a delivery with CORS. Results differ by Accept, but S3 cannot send Vary, and the CORS
// part of a response headers policy sends Vary: Origin in the place of what the policy's custom headers say.
function handler(event) {
  const response = event.response;
  const given = response.headers.vary ? `${response.headers.vary.value}, ` : '';
  if (!/\baccept\b,/i.test(given)) response.headers.vary = { value: `${given}Accept` };
  return response;
}
