// Copyright 2026 the authors. MIT license.

// S-46 who am I, and whose child?
//
// Python: __name__, os.getppid(), os.getpid().
//
// `__name__ == '__main__'` is import.meta.main. `ident` stands for the pid,
// which worker children share with their parent; the main process has no parent
// within the program, so its line shows the OS's own answer.

import * as mp from "../../mod.ts";

function info(title: string) {
  console.log(title);
  console.log(`module name: ${import.meta.main ? "__main__" : "__mp_main__"}`);
  console.log(`parent process: ${mp.parentProcess()?.ident ?? Deno.ppid}`);
  console.log(`process id: ${mp.currentProcess().ident}`);
}

export function f(name: string) {
  info("function f");
  console.log(`hello ${name}`);
}

if (import.meta.main) {
  info("main line");
  const p = new mp.Process({ target: f, args: ["bob"] });
  p.start();
  await p.join();
}
