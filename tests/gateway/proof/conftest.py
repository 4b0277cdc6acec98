from hypothesis import settings

# A stall of a busy machine is no defect of a pure function.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
