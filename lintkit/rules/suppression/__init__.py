"""Rules about suppression comments; the engine reports them, since only it knows what was silenced."""
