"""Changes: one public function for each thing a person, provider or program does; none of them commits."""
