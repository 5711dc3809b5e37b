// Does what bench/sharp.py asks for, one JSON object a line, and answers with the microseconds of the processor that it took.
// A file is read before the clock starts; what is asked to be saved is written after it has stopped.

import { readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import sharp from 'sharp';

sharp.concurrency(1);
sharp.cache(false);

const asFound = ({ data, info }) => ({ data, raw: { width: info.width, height: info.height, channels: info.channels } });
const pixels = (image) => image.raw().toBuffer({ resolveWithObject: true }).then(asFound);

const jobs = {
  header: async (input) => [await sharp(input).metadata()],

  // One call a picture, each from the file.
  pictures: async (input, { widths }) => {
    const made = [];
    for (const width of widths) made.push(await pixels(sharp(input).resize({ width })));
    return made;
  },

  // Each from the one before.
  cascade: async (input, { widths }) => {
    const made = [];
    for (const width of widths) {
      const from = made.at(-1);
      made.push(await pixels((from ? sharp(from.data, { raw: from.raw }) : sharp(input)).resize({ width })));
    }
    return made;
  },

  files: async (input, { widths }) => {
    const made = [];
    for (const width of widths) made.push({ data: await sharp(input).resize({ width }).jpeg({ quality: 80 }).toBuffer() });
    return made;
  },

  miss: async (input, { width, format, options }) => [
    { data: await sharp(input).autoOrient().resize({ width }).toFormat(format, options).toBuffer() },
  ],

  encode: async (input, { raw, format, options }) => [
    { data: await sharp(input, { raw }).toFormat(format, options).toBuffer() },
  ],
};

const files = new Map();
console.log(JSON.stringify({ sharp: sharp.versions.sharp, node: process.versions.node }));
for await (const line of createInterface({ input: process.stdin })) {
  const job = JSON.parse(line);
  if (!files.has(job.file)) files.set(job.file, readFileSync(job.file));
  const start = process.cpuUsage();
  const made = await jobs[job.what](files.get(job.file), job);
  const { user, system } = process.cpuUsage(start);
  if (job.save) made.forEach(({ data }, index) => writeFileSync(`${job.save}${index}`, data));
  console.log(JSON.stringify({ microseconds: user + system }));
}
