// Preloaded into a program by tests: its wall clock is off by as many seconds as the file named by
// WALL_CLOCK_SHIFT holds, at each moment. Other clocks are left alone.
