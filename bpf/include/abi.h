/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The contract between the BPF programs and TypeScript: every key and value
 * that lives in a map, and every number both sides must agree on. The
 * TypeScript layouts in src/dataplane/bpf/abi.gen.ts are generated from this.
 *
 * Each map has one writer. What user space writes (services, vips, vip_filter, members, hash tables,
 * destinations, mark rules, settings, interfaces) BPF only reads; what BPF writes (connections,
 * templates, replies, fragments, cache, *_state, dest_load, *_counts, not_forwarded, last_dropped, pressure,
 * claims) user space only reads, and clears before first use.
 *
 * Configuration is versioned: what is written takes effect with the next write of
 * settings.generation, all of it at once (docs/design/0007-versioned-configuration.md). "From
 * generation g on" is said of anything whose `since` is g: it holds if since is 0 (always) or
 * (__s32)(generation - since) >= 0; `until` the other way round, 0 for ever.
 */
#ifndef FL_ABI_H
#define FL_ABI_H

#include <linux/bpf.h>
#include <linux/types.h>

#include "abi/limits.h"
#include "abi/names.h"
#include "abi/service.h"
#include "abi/connection.h"
#include "abi/table.h"
#include "abi/walk.h"
#include "abi/settings.h"
#include "abi/claim.h"
#include "abi/carry.h"

#endif /* FL_ABI_H */
