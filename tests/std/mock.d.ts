// Copyright 2026 the authors. MIT license.

// Declarations for what tests use of `@std/testing/mock` 1.0.15.

// deno-lint-ignore-file no-explicit-any

export class MockError extends Error {
  constructor(message: string);
}

export interface SpyCall<
  Self = any,
  Args extends unknown[] = any[],
  Return = any,
> {
  args: Args;
  returned?: Return;
  error?: Error;
  self?: Self;
}

export interface Spy<
  Self = any,
  Args extends unknown[] = any[],
  Return = any,
> {
  (this: Self, ...args: Args): Return;
  original: (this: Self, ...args: Args) => Return;
  calls: SpyCall<Self, Args, Return>[];
  restored: boolean;
  restore(): void;
}

export interface MethodSpy<
  Self = any,
  Args extends unknown[] = any[],
  Return = any,
> extends Spy<Self, Args, Return>, Disposable {}

export interface ConstructorSpy<
  Self = any,
  Args extends unknown[] = any[],
> {
  new (...args: Args): Self;
  original: new (...args: Args) => Self;
  calls: SpyCall<Self, Args, Self>[];
  restored: boolean;
  restore(): void;
}

export interface Stub<
  Self = any,
  Args extends unknown[] = any[],
  Return = any,
> extends MethodSpy<Self, Args, Return> {
  fake: (this: Self, ...args: Args) => Return;
}

type AnySpy = Spy<any, any, any> | ConstructorSpy<any, any>;
type ArgsOf<Self, K extends keyof Self> = Self[K] extends
  (...args: infer Args) => unknown ? Args : unknown[];
type ReturnOf<Self, K extends keyof Self> = Self[K] extends
  (...args: any[]) => infer Return ? Return : unknown;

export function spy<Self = any, Args extends unknown[] = any[]>(): Spy<
  Self,
  Args,
  undefined
>;
export function spy<Self, Args extends unknown[]>(
  constructor: new (...args: Args) => Self,
): ConstructorSpy<Self, Args>;
export function spy<Self, Args extends unknown[], Return>(
  func: (this: Self, ...args: Args) => Return,
): Spy<Self, Args, Return>;
export function spy<Self, K extends keyof Self>(
  self: Self,
  property: K,
): MethodSpy<Self, ArgsOf<Self, K>, ReturnOf<Self, K>>;

export function stub<Self, K extends keyof Self>(
  self: Self,
  property: K,
  func?: (
    this: Self,
    ...args: ArgsOf<Self, K>
  ) => ReturnOf<Self, K>,
): Stub<Self, ArgsOf<Self, K>, ReturnOf<Self, K>>;

export interface ExpectedSpyCall<
  Self = any,
  Args extends unknown[] = any[],
  Return = any,
> {
  args?: [...Args, ...unknown[]];
  self?: Self;
  returned?: Return;
  error?: {
    Class?: new (...args: any[]) => Error;
    msgIncludes?: string;
  };
}

export function assertSpyCalls(spy: AnySpy, expectedCalls: number): void;
export function assertSpyCall(
  spy: AnySpy,
  callIndex: number,
  expected?: ExpectedSpyCall,
): void;
export function assertSpyCallAsync(
  spy: AnySpy,
  callIndex: number,
  expected?: ExpectedSpyCall,
): Promise<void>;
export function assertSpyCallArg(
  spy: AnySpy,
  callIndex: number,
  argIndex: number,
  expected: unknown,
): unknown;
export function assertSpyCallArgs(
  spy: AnySpy,
  callIndex: number,
  expected: unknown[],
): unknown[];
export function assertSpyCallArgs(
  spy: AnySpy,
  callIndex: number,
  argsStart: number,
  expected: unknown[],
): unknown[];
export function assertSpyCallArgs(
  spy: AnySpy,
  callIndex: number,
  argsStart: number,
  argsEnd: number,
  expected: unknown[],
): unknown[];

export function returnsThis<Self = any>(): (this: Self) => Self;
export function returnsArg<Arg>(idx: number): (...args: Arg[]) => Arg;
export function returnsArgs<Args extends unknown[] = any[]>(
  start?: number,
  end?: number,
): (...args: Args) => unknown[];
/** An Error among the values is thrown instead of returned. */
export function returnsNext<Return, Args extends unknown[] = any[]>(
  values: Iterable<Return | Error>,
): (...args: Args) => Return;
/** An Error among the values rejects instead of resolving. */
export function resolvesNext<Return, Args extends unknown[] = any[]>(
  iterable:
    | Iterable<Return | Error | Promise<Return | Error>>
    | AsyncIterable<Return | Error | Promise<Return | Error>>,
): (...args: Args) => Promise<Return>;

export function mockSession(): number;
export function mockSession<Args extends unknown[], Return>(
  func: (...args: Args) => Return,
): (...args: Args) => Return;
export function mockSessionAsync<Args extends unknown[], Return>(
  func: (...args: Args) => Promise<Return>,
): (...args: Args) => Promise<Return>;
export function restore(id?: number): void;
