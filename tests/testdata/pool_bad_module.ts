// Copyright 2026 the authors. MIT license.

throw new TypeError("this module cannot be imported");
