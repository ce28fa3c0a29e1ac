# SPDX-License-Identifier: BSD-3-Clause

.PHONY: need-check
need-check: need-lib
	@scripts/need libcmocka-dev libevent-dev
