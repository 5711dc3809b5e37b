// One process of bench/delivery/requests.py: sharp behind Node's HTTP server. It prints its port. GET /FORMAT answers
// the file of that type, named in the arguments, scaled to the width of the first argument.

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import sharp from 'sharp';

sharp.concurrency(1);
sharp.cache(false);

const [width, ...files] = process.argv.slice(2);
const sources = new Map(files.map((file) => [file.slice(file.lastIndexOf('.') + 1), readFileSync(file)]));

const server = createServer(async (request, answer) => {
  const format = request.url.slice(1);
  const made = await sharp(sources.get(format)).autoOrient().resize({ width: Number(width) }).toFormat(format).toBuffer();
  answer.writeHead(200, { 'Content-Type': `image/${format}`, 'Content-Length': made.length });
  answer.end(made);
});
// A connection may be idle while the other server has its turn.
server.keepAliveTimeout = 0;
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
