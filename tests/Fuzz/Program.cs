using Presence.Fuzz;

Coverage.Attach();
return Commands.Run(args);
