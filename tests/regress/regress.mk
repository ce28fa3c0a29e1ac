# SPDX-License-Identifier: BSD-3-Clause
#
# make regress: one program of all the .c files here and in the folders below,
# linked with the static libraries, so that the calls in REGRESS_WRAP can be
# counted and made to fail.  A new file needs no edit.

##: Parts of the check

REGRESS_WRAP = malloc calloc realloc free strdup strndup epoll_ctl epoll_wait epoll_create1 \
	eventfd open stat fstat poll fcntl ioctl read readv recv write writev \
	send sendmsg accept4 memchr memmem memcmp bcmp memcpy memmove evi_alloc_resize
reg_out = $(BUILD)/regress
# The files that see libev must not see libevent.
# SUITES names those that are built, otherwise all are.  Some are a short soak.
reg_src := $(filter-out tests/soak/main.c,$(wildcard tests/regress/*.c \
	tests/helpers/*.c tests/harness/*.c tests/soak/*.c \
	$(if $(SUITES),$(SUITES:%=tests/regress/*/%.c),tests/regress/*/*.c)))
reg_obj = $(reg_src:tests/%.c=$(reg_out)/%.o)
reg_flags = -std=gnu11 $(WARN) -Wno-undef $(WERROR) -D_GNU_SOURCE \
	-DTEST_LIB_OURS -Itests/harness -Itests/helpers -Itests/regress \
	-Icompat -Isrc

# Some tests load the shared library.
$(reg_out)/regress/unit/buffer_threads.o: reg_flags += \
	-DREGRESS_SHLIB='"$(abspath $(SHLIB))"'

.PHONY: regress
regress: ## tests of our library alone; TESTS="oom http_head"
regress: $(reg_out)/run $(SHLIB)
	$(WRAP) $(reg_out)/run $(TESTS)

$(reg_out)/run: $(reg_obj) $(ARLIB)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(reg_obj) \
	    $(REGRESS_WRAP:%=-Wl,--wrap=%) $(ARLIB) \
	    -Wl,-Bstatic -lev -lcares -Wl,-Bdynamic -lm -ldl -pthread -lcmocka

$(reg_out)/%.o: tests/%.c | need-check
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(TEST_CFLAGS) $(reg_flags) $(CPPFLAGS) $(DEPFLAGS) -c -o $@ $<

-include $(reg_obj:.o=.d)
