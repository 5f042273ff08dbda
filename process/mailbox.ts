// Copyright 2026 the authors. MIT license.

// The mailbox of an OS process that is a spare: a little shared memory, through
// which it says that it is ready, and is told where its letter lies.
//
// from     to       by
// LOADING  WAITING  the spare, when it has loaded what it can
// LOADING  GIVEN    the parent, at any time: the place is in the bytes
// WAITING  GIVEN    the parent
//
// The spare leaves LOADING by a compare-exchange, so that it cannot undo GIVEN.
// The parent looks for WAITING now and then and is not woken: a program whose
// processes are all spares waits for no other, and calls no system for that.

import {
  createClosable,
  type Region,
  unuseRegion,
  useRegion,
} from "../memory/region.ts";
import { openPlace, placeOf } from "./spawn_letter.ts";

const LOADING = 0;
const WAITING = 1;
const GIVEN = 2;

// The words; the bytes of the place follow.
const STATE = 0;
const LENGTH = 1;
const HEAD = 8;
const SIZE = 1024;

/** How long a spare sleeps in one go, in milliseconds. */
const SLICE = 60_000;

/** The parent's end of a mailbox. */
export class Mailbox {
  readonly place: string;
  readonly #region: Region;

  constructor() {
    [this.#region] = createClosable([SIZE], "process") as [Region];
    useRegion(this.#region.handle);
    this.place = placeOf(this.#region);
  }

  /** Whether the spare has loaded what it can. */
  get isReady(): boolean {
    return this.#region.words.load(STATE) === WAITING;
  }

  /** Tells the spare where its letter lies. */
  give(letter: string): void {
    putPlace(this.#region, letter);
  }

  /** The spare is dead: its memory is given back. */
  end(): void {
    unuseRegion(this.#region.handle);
  }
}

/**
 * Says that this spare is ready, and blocks until its letter is there; returns
 * its place. The kernel ends a spare whose parent is over.
 */
export function awaitLetter(place: string): string {
  const region = openPlace(place);
  useRegion(region.handle);
  const letter = awaitPlace(region);
  unuseRegion(region.handle);
  return letter;
}

/** Puts the place of a letter into a mailbox. */
export function putPlace({ words, bytes }: Box, place: string): void {
  const text = new TextEncoder().encode(place);
  bytes.set(text, HEAD);
  words.store(LENGTH, text.length);
  // Publishes the place; pairs with the load in awaitPlace().
  words.store(STATE, GIVEN);
  words.notify(STATE, Infinity);
}

/** Blocks until there is a place in a mailbox. */
export function awaitPlace({ words, bytes }: Box): string {
  words.cas(STATE, LOADING, WAITING);
  while (words.load(STATE) !== GIVEN) words.wait(STATE, WAITING, SLICE);
  const text = bytes.slice(HEAD, HEAD + words.load(LENGTH));
  return new TextDecoder().decode(text);
}

type Box = Pick<Region, "words" | "bytes">;
