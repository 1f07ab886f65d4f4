"""Records of Magento, read and shaped. Facts and their confidence: the Magento API notes, named by section."""
