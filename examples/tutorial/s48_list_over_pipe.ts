// Copyright 2026 the authors. MIT license.

// S-48 a list comes back over a pipe.
//
// Python: parent_conn, child_conn = Pipe(), conn.send([42, None, 'hello']),
// conn.close(), parent_conn.recv().

import * as mp from "../../mod.ts";

export function f(conn: mp.Connection<unknown[]>) {
  conn.sendSync([42, null, "hello"]);
  conn.close();
}

if (import.meta.main) {
  const [parentConn, childConn] = mp.Pipe<unknown[]>();
  const p = new mp.Process({ target: f, args: [childConn] });
  p.start();
  console.log(await parentConn.recv());
  await p.join();
}
