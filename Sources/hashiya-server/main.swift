import CommandLineKit
import HashiyaServerCommand

await runCommand(HashiyaServer.self)
