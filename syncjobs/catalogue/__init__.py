"""Items: both catalogues read, linked, compared and brought together, in the direction that the merchant chose."""
