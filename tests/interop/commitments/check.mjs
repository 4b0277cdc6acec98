// Reads one JSON array a line, [salt, stream, record, path, value], and writes the SHA-256 of it as JSON.stringify
// writes it, which is RFC 8785 for an array of texts and numbers. It knows nothing of the product.
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";

for await (const line of createInterface({ input: process.stdin })) {
  const text = JSON.stringify(JSON.parse(line));
  console.log(createHash("sha256").update(text, "utf8").digest("hex"));
}
