// Copyright 2026 the authors. MIT license.

import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { CalledProcessError, subprocess } from "../../mod.ts";
import { LONG } from "../_support/delays.ts";
import { inFolder, runText } from "../_support/programs.ts";

const { call, callSync, PIPE, Popen, run, runSync, STDOUT } = subprocess;
const { NotFound, PermissionDenied } = Deno.errors;

const MOD = JSON.stringify(new URL("../../mod.ts", import.meta.url).href);

type Runs = (
  args: subprocess.Args,
  options: subprocess.RunOptions,
) =>
  | Promise<subprocess.CompletedProcess<subprocess.Output>>
  | subprocess.CompletedProcess<subprocess.Output>;

/** Every way in which a command is run to its end. */
const WAYS: readonly [string, Runs][] = [
  ["run()", run],
  ["runSync()", runSync],
  ["runSync() with a timeout", (args, options) => {
    return runSync(args, { ...options, timeout: 20 * LONG });
  }],
];

for (const [name, runIt] of WAYS) {
  Deno.test(`${name} runs the executable, and args[0] is its name`, async () => {
    const args = ["-hello", "-c", 'printf "%s|" "$0" "$@"', "zero", "-- ", "é"];
    for (const executable of ["/bin/sh", "sh", new URL("file:///bin/sh")]) {
      const options = { executable, captureOutput: true, text: true } as const;
      const named = await runIt(["the name", "-c", "echo $0"], options);
      assertEquals([named.stdout, named.stderr], ["the name\n", ""]);
      const { stdout, returnCode } = await runIt(args, options);
      assertEquals([stdout, returnCode], ["zero|-- |é|", 0]);
    }
  });

  Deno.test(`${name} with an executable keeps streams, folder, environment`, async () => {
    await inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/deno.json`, "no configuration");
      const prints = 'cat; pwd; echo "$A"; env | wc -l; echo err >&2; exit 7';
      await Deno.writeTextFile(`${folder}/prints`, `#!/bin/sh\n${prints}`);
      await Deno.chmod(`${folder}/prints`, 0o700);
      const done = await runIt(["name"], {
        executable: "./prints",
        cwd: folder,
        env: { A: "a=b", PATH: Deno.env.get("PATH")! },
        input: "input\n",
        stdout: PIPE,
        stderr: STDOUT,
        text: true,
      });
      // The shell that runs the file adds PWD.
      const output = `input\n${await Deno.realPath(folder)}\na=b\n3\nerr\n`;
      assertEquals([done.stdout, done.returnCode], [output, 7]);
      const there = await Array.fromAsync(Deno.readDir(folder));
      assertEquals(there.length, 2);
    });
  });

  Deno.test(`${name} with an executable has the signals of any command`, async () => {
    const options = {
      executable: "/bin/sh",
      stdout: PIPE,
      text: true,
    } as const;
    const ends = await runIt(["name", "-c", "kill -TERM $$"], options);
    assertEquals(ends.returnCode, -15);
    // Not the shell's own: it blocks signals while it starts a command.
    const script = "exec grep -E '^Sig(Ign|Blk)' /proc/self/status";
    const [named, plain] = await Promise.all([
      runIt(["name", "-c", script], options),
      runIt(["sh", "-c", script], { stdout: PIPE, text: true }),
    ]);
    // Without the real-time signals, of which libraries have taken some.
    const low = ({ stdout }: { stdout: unknown }) =>
      String(stdout).match(/[0-9a-f]{7}$/gm);
    assertEquals(low(named), low(plain));
  });

  Deno.test(`${name} with shell takes the executable for the shell`, async () => {
    await inFolder(async (folder) => {
      const shell = `${folder}/my-shell`;
      await Deno.writeTextFile(shell, '#!/bin/sh\necho "$0" "$@"\n');
      await Deno.chmod(shell, 0o700);
      const { stdout } = await runIt(["a line", "more"], {
        shell: true,
        executable: shell,
        stdout: PIPE,
        text: true,
      });
      assertEquals(stdout, `${shell} -c a line more\n`);
    });
  });

  Deno.test(`${name} says which executable it has not`, async () => {
    await inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/text`, "text");
      const ways = [
        ["/no/such", NotFound, "Cannot run /no/such: there is no such command"],
        ["no_such", NotFound, "Cannot run no_such: there is no such command"],
        [`${folder}/text`, PermissionDenied, "it is not a program"],
        [folder, PermissionDenied, "it is not a program"],
      ] as const;
      for (const shell of [false, true]) {
        for (const [executable, Class, text] of ways) {
          await assertRejects(
            async () => await runIt(["true"], { executable, shell }),
            Class,
            text,
          );
        }
      }
    });
  });

  Deno.test(`${name} refuses what is no executable`, async () => {
    for (const executable of [5, null, "", ["sh"], "a\0b"]) {
      await assertRejects(
        async () => await runIt(["true"], { executable: executable as never }),
        TypeError,
        "Cannot run command",
      );
    }
  });
}

Deno.test("Popen with an executable has the pid and the stdin of the command", async () => {
  const p = new Popen(["name", "-c", "echo $$; cat"], {
    executable: "/bin/sh",
    stdin: PIPE,
    stdout: PIPE,
    text: true,
  });
  assertEquals((await p.communicate("in"))[0], `${p.pid}\nin`);
  assertEquals(p.returnCode, 0);
});

Deno.test("every function that runs a command takes an executable", async () => {
  const executable = "/bin/sh";
  const args = ["name", "-c", "echo $0"];
  const text = { executable, text: true } as const;
  const { checkCall, checkCallSync, checkOutput, checkOutputSync } = subprocess;
  const exits = ["name", "-c", "exit 3"];
  assertEquals(await call(exits, { executable }), 3);
  assertEquals(callSync(exits, { executable }), 3);
  await assertRejects(
    () => checkCall(exits, { executable }),
    CalledProcessError,
  );
  assertThrows(() => checkCallSync(exits, { executable }), CalledProcessError);
  assertEquals(await checkOutput(args, text), "name\n");
  assertEquals(checkOutputSync(args, text), "name\n");
  assertEquals(await subprocess.getOutput("echo hi", { executable }), "hi");
  assertEquals(subprocess.getOutputSync("echo hi", { executable }), "hi");
});

Deno.test("an executable needs the permission to run Deno, and says so", async () => {
  const { code, stdout, stderr } = await runText(
    `
    import { subprocess } from ${MOD};
    const { run } = subprocess;
    const options = { executable: "/bin/sh" };
    await run(["/bin/sh", "-c", "echo same"], options);
    await run("echo shell", { ...options, shell: true });
    try {
      await run(["name", "-c", "echo not"], options);
    } catch (error) {
      console.log(error.name, error.message.includes(Deno.execPath()));
    }`,
    { flags: ["--allow-run=/bin/sh"] },
  );
  assertEquals([stdout, stderr], ["same\nshell\nNotCapable true\n", ""]);
  assertEquals(code, 0);
});
