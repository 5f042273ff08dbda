// Copyright 2026 the authors. MIT license.

// S-82 one request.
//
// Python: requests.get(url); res, res.status_code, res.text.

import { servePages } from "./_pages.ts";

if (import.meta.main) {
  await using pages = servePages({ "/": "<h1>百度一下,你就知道</h1>" });
  const res = await fetch(`${pages.origin}/`);
  console.log(`<${res.constructor.name} [${res.status}]>`);
  console.log(res.status);
  console.log(await res.text());
}
