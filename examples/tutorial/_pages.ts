// Copyright 2026 the authors. MIT license.

// The web of the crawlers: pages from a server of this program, on a port of
// its own, so that nobody else's site is asked.

/** Pages that a program serves to its own workers. */
export interface Pages extends AsyncDisposable {
  /** Where they are: an URL without a slash at its end. */
  readonly origin: string;
}

/** Serves pages by path, as `text/html`; the rest is not found. */
export function servePages(pages: Record<string, string>): Pages {
  const headers = { "content-type": "text/html; charset=utf-8" };
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    ({ url }) => {
      const body = pages[new URL(url).pathname];
      return body === undefined
        ? new Response("not found", { status: 404 })
        : new Response(body, { headers });
    },
  );
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
