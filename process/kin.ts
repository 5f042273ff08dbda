// Copyright 2026 the authors. MIT license.

// The process objects that a process has: of itself, of its parent, and of the
// children that it started.

import type { SelfParts } from "./child.ts";
import { isMain, me } from "../program/self.ts";

/** A process object, as far as others than its class must know it. */
export interface Kin {
  isAlive(): boolean;
}

/** What a process object stands for. */
export type Role = "child" | "self" | "parent";

/** A process that exists already, for which an object is made. */
export interface Being {
  readonly role: Role;
  readonly token: number;
  readonly name: string;
  readonly daemon: boolean;
  readonly path: readonly number[];
  readonly parts?: SelfParts;
}

/** The children that were started and have not been let go of. */
export const children: Set<Kin> = new Set();

/** Says how the object of a process that exists already is made. */
export function setKinMaker(maker: (being: Being) => Kin): void {
  make = maker;
}

/** Sets the object of this process. */
export function setCurrent(kin: Kin): void {
  current = kin;
}

/** The object of this process. */
export function currentKin(): Kin {
  return current ??= make({ role: "self", ...me() });
}

/** The object of the process that started this one, if there is one. */
export function parentKin(): Kin | undefined {
  if (isMain()) return undefined;
  return parent ??= make({ role: "parent", ...me().parent!, daemon: false });
}

let make: (being: Being) => Kin;
let current: Kin | undefined;
let parent: Kin | undefined;
