using Presence.Simulation;

return Commands.Run(args);
