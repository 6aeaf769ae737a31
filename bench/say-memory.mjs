// Loaded before a program: at its end prints the most memory that it had, in bytes, on standard error.

process.on('exit', () => process.stderr.write(String(process.resourceUsage().maxRSS * 1024)));
