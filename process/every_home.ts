// Copyright 2026 the authors. MIT license.

// What a process loads that sends or receives shared objects and has imported
// no door of theirs: see process/homes.ts.

import "../message/transit.ts";
import "../pipe/connection.ts";
import "../queue/fifo_queue.ts";
import "../queue/joinable_queue.ts";
import "../queue/lifo_queue.ts";
import "../queue/priority_queue.ts";
import "../shared/array.ts";
import "../shared/raw_array.ts";
import "../shared/raw_value.ts";
import "../shared/shareable_list.ts";
import "../shared/shared_memory.ts";
import "../shared/value.ts";
import "../sync/barrier.ts";
import "../sync/condition.ts";
import "../sync/event.ts";
import "../sync/lock.ts";
import "../sync/rlock.ts";
import "../sync/semaphore.ts";
