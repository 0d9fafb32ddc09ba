import CommandLineKit
import HashiyaCommand

await runCommand(Hashiya.self)
