"""Where schemes run: devices of Xanadu's kind, with programs, jobs and an emulator of their cloud; photon processors."""
