// What AWS's Serverless Image Handler 7 loads and does for its first request, without its parsers and checks: the three
// clients of the AWS SDK and sharp, then one GetObject, the header, one resize, and the answer in base64.

import { RekognitionClient } from '@aws-sdk/client-rekognition';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import sharp from 'sharp';

const s3 = new S3Client({ forcePathStyle: true });
export const others = [new RekognitionClient({}), new SecretsManagerClient({})];

export async function handler({ bucket, key, width, format }) {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  const source = Buffer.from(await Body.transformToByteArray());
  await sharp(source).metadata();
  const made = await sharp(source).autoOrient().resize({ width }).toFormat(format).toBuffer();
  return { statusCode: 200, isBase64Encoded: true, body: made.toString('base64') };
}
