// Preloaded into a program by tests: the program is killed just before its n-th step on files, n being
// what KILL_POINT holds.
