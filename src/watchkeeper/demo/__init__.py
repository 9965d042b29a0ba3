"""The story that `watchkeeper demo` tells: a year of real flights, a model in service, three planted breaks."""
