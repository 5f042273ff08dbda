// Copyright 2026 the authors. MIT license.

// S-83 a crawler: three workers fetch, the main process writes.
//
// Python: Pool(3); p.apply_async(get_page, args=(url,), callback=pasrse_page);
// close(); join(); print([res.get() for res in res_l]).
//
// Waiting for the net belongs in the workers, quick work in the callback. The
// argument is the file to write, db.txt by default. Idents stand for pids.

import * as mp from "../../mod.ts";
import { servePages } from "./_pages.ts";

interface Page {
  url: string;
  text: string;
}

export async function getPage(url: string): Promise<Page | undefined> {
  console.log(`<进程${mp.currentProcess().ident}> get ${url}`);
  const response = await fetch(url);
  const text = await response.text();
  return response.status === 200 ? { url, text } : undefined;
}

function parsePage(res: Page | undefined) {
  if (res === undefined) return;
  const { url, text } = res;
  console.log(`<进程${mp.currentProcess().ident}> parse ${url}`);
  const line = `url:<${url}> size:[${text.length}]\n`;
  Deno.writeTextFileSync(Deno.args[0] ?? "db.txt", line, { append: true });
}

if (import.meta.main) {
  const names = ["baidu", "python", "openstack", "help", "sina"];
  await using pages = servePages(Object.fromEntries(
    names.map((name, i) => [`/${name}`, name.repeat(100 * (i + 1))]),
  ));
  console.log(`主进程 ${mp.currentProcess().ident}`);
  const p = new mp.Pool(3);
  const resL = names.map((name) =>
    p.applyAsync(getPage, [`${pages.origin}/${name}`], {
      callback: parsePage,
    })
  );
  p.close();
  await p.join();
  const all: string[] = [];
  for (const res of resL) {
    const page = await res.get();
    all.push(`${page?.url.split("/").at(-1)} ${page?.text.length}`);
  }
  console.log(JSON.stringify(all));
}
