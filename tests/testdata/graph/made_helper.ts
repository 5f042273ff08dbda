// Copyright 2026 the authors. MIT license.

import "./made.ts";

export const nothing = 0;
