"""Magento Open Source and Adobe Commerce over HTTP, after `apis/magento.md` and the official schemas in `specs/`."""
