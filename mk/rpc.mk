# SPDX-License-Identifier: BSD-3-Clause
#
# make rpc-cross: calls between our library and others, each way: Debian's
# libevent, and with LIBEVENT=/prefix the one that is installed there.

rpc_out = $(BUILD)/rpc
rpc_14 = $(filter /%,$(LIBEVENT))
rpc_sides = ours system $(if $(rpc_14),prefix)
rpc_flags = -std=gnu11 $(WARN) -Wno-undef $(WERROR) -D_GNU_SOURCE \
	-Itests/helpers -iquote src
$(rpc_out)/rpc-ours: rpc_inc = -Icompat
$(rpc_out)/rpc-ours: rpc_libs = $(ARLIB) $(LIBS)
$(rpc_out)/rpc-ours: $(ARLIB)
$(rpc_out)/rpc-system: rpc_libs = -levent
$(rpc_out)/rpc-prefix: rpc_inc = -I$(rpc_14)/include
$(rpc_out)/rpc-prefix: rpc_libs = -L$(rpc_14)/lib -levent -Wl,-rpath,$(rpc_14)/lib

.PHONY: rpc-cross
rpc-cross: ## calls between our library and others; LIBEVENT=/prefix
rpc-cross: $(rpc_sides:%=$(rpc_out)/rpc-%)
	@tests/cross/rpc.sh $(rpc_out) $(rpc_sides)

# This one is linked each time, as LIBEVENT may name another prefix now.
.PHONY: $(rpc_out)/rpc-prefix
$(rpc_sides:%=$(rpc_out)/rpc-%): tests/cross/rpc.c tests/helpers/parcel.c \
	tests/helpers/parcel.h bench/listen.h | need-check
	@mkdir -p $(@D)
	$(call say,cc $@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(rpc_flags) $(rpc_inc) -o $@ \
	    $(filter %.c,$^) $(rpc_libs)
