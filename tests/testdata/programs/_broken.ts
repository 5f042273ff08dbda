// Copyright 2026 the authors. MIT license.

throw new RangeError("this module cannot be imported");
