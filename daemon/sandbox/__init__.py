"""A local Extruct and a local CRM, with faults, for trying campaigns without spending."""
