# SPDX-License-Identifier: BSD-3-Clause

.PHONY: rpm
rpm: ## RPM packages, in build/rpm; where rpmbuild is
	@scripts/rpm "$(BUILD)/rpm" $(VERSION)
