namespace Presence.Engine.Tests;
